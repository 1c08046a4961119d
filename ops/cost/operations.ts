import type { Pricing } from './resource-lines';
import { list, object, text, wholeNumber } from './template';

/** Metrics that an alarm on an anomaly is charged for: the metric and the two bounds of what is normal. */
const ANOMALY_METRICS = 3;

/** Seconds of a period at standard resolution, at least. */
const STANDARD_PERIOD = 60;

/** What keys, logs, alarms, functions and other operations cost. */
export const OPERATIONS: Readonly<Record<string, Pricing>> = {
  'AWS::KMS::Key': (_resource, lines) => {
    lines.units('KMS key', 'kms/key', 1);
    lines.byUse('KMS requests', 'kms/requests');
  },
  'AWS::SecretsManager::Secret': (_resource, lines) => {
    lines.units('secret', 'secrets-manager/secret', 1);
    lines.byUse('reads of the secret', 'secrets-manager/calls');
  },
  'AWS::CloudWatch::Alarm': (resource, lines) => {
    const { Metrics, Period, ThresholdMetricId } = resource.Properties ?? {};
    const statistics = list(Metrics)?.map((metric) => object(object(metric).MetricStat));
    const measured = statistics?.filter((statistic) => statistic.Metric !== undefined);
    const periods = [Period, ...(measured ?? []).map((statistic) => statistic.Period)];
    const fine = periods.some((period) => (wholeNumber(period, STANDARD_PERIOD) ?? 0) < STANDARD_PERIOD);
    const metrics = measured && Math.max(1, measured.length) * (ThresholdMetricId === undefined ? 1 : ANOMALY_METRICS);
    lines.units(
      fine ? 'alarm at high resolution' : 'alarm',
      fine ? 'cloudwatch/alarm-high-resolution' : 'cloudwatch/alarm',
      metrics,
    );
  },
  'AWS::CloudWatch::CompositeAlarm': (_resource, lines) => {
    lines.units('composite alarm', 'cloudwatch/composite-alarm', 1);
  },
  'AWS::CloudWatch::Dashboard': (_resource, lines) => {
    lines.units('dashboard', 'cloudwatch/dashboard', 1);
  },
  'AWS::Logs::LogGroup': (_resource, lines) => {
    lines.byUse('logs, ingestion', 'logs/ingestion');
    lines.byUse('logs, storage', 'logs/storage');
  },
  'AWS::Logs::MetricFilter': (_resource, lines) => {
    lines.byUse('metrics made of logs', 'cloudwatch/metric');
  },
  'AWS::S3::Bucket': (_resource, lines) => {
    lines.byUse('bucket, storage', 's3/standard');
  },
  'AWS::Lambda::Function': (resource, lines) => {
    const architecture = text(list(resource.Properties?.Architectures)?.[0], 'x86_64');
    lines.byUse(`function, duration on ${architecture ?? 'some processor'}`, architecture && `lambda/${architecture}`);
    lines.byUse('function, requests', 'lambda/requests');
  },
  'AWS::SNS::Topic': (_resource, lines) => {
    lines.byUse('notifications by email', 'sns/email');
  },
  'AWS::Budgets::Budget': (_resource, lines) => {
    lines.free('budget', 'a budget without actions costs nothing');
  },
};
