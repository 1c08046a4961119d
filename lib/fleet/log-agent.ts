/** File that an application's output goes to. `start.sh` names it as well. */
const APPLICATION_LOG = '/var/log/app/app.log';

/** File that cloud-init writes the output of the first boot to. */
const BOOT_LOG = '/var/log/cloud-init-output.log';

/** Dimension that all instances of a group share, filled in by the agent out of the instance's tags. */
const GROUP = 'AutoScalingGroupName';

/** Where an instance's logs and metrics go. */
export interface LogAgentOptions {
  /** Name of the log group. */
  readonly logGroup: string;
  /** Namespace of the metrics. */
  readonly metricsNamespace: string;
  /** Region of both. */
  readonly region: string;
}

/**
 * Configuration of the CloudWatch agent: streams `<instance id>/app` and `<instance id>/boot` of the log group, and the
 * metrics `mem_used_percent` and `disk_used_percent` (of `/`) by instance, and by `AutoScalingGroupName` for alarms.
 *
 * The group's name is in the instance's tags only, so that the role needs `ec2:DescribeTags`; without it there are no
 * metrics. Fields: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Agent-Configuration-File-Details.html
 */
export function renderLogAgent(options: LogAgentOptions): string {
  const stream = (name: string, file: string) => ({
    file_path: file,
    log_group_name: options.logGroup,
    log_stream_name: `{instance_id}/${name}`,
  });
  return JSON.stringify({
    // As root, because cloud-init's output and the application's log are closed to others.
    agent: { region: options.region, run_as_user: 'root' },
    logs: {
      logs_collected: {
        files: { collect_list: [stream('app', APPLICATION_LOG), stream('boot', BOOT_LOG)] },
      },
    },
    metrics: {
      namespace: options.metricsNamespace,
      append_dimensions: { InstanceId: '${aws:InstanceId}', [GROUP]: `\${aws:${GROUP}}` },
      aggregation_dimensions: [[GROUP]],
      metrics_collected: {
        mem: { measurement: ['used_percent'] },
        disk: { measurement: ['used_percent'], resources: ['/'], drop_device: true },
      },
    },
  });
}
