const DOCS = 'https://docs.aws.amazon.com';

/** A page of the ElastiCache User Guide. */
export function cacheGuide(page: string): string {
  return `${DOCS}/AmazonElastiCache/latest/dg/${page}.html`;
}

/** A page of the RDS User Guide. */
export function databaseGuide(page: string): string {
  return `${DOCS}/AmazonRDS/latest/UserGuide/${page}.html`;
}

/** A page of the user guide of EC2 Auto Scaling. */
export function scalingGuide(page: string): string {
  return `${DOCS}/autoscaling/ec2/userguide/${page}.html`;
}

/** A page of the user guide of Application Load Balancers. */
export function balancerGuide(page: string): string {
  return `${DOCS}/elasticloadbalancing/latest/application/${page}.html`;
}

/** A page of the CloudFormation User Guide. */
export function stackGuide(page: string): string {
  return `${DOCS}/AWSCloudFormation/latest/UserGuide/${page}.html`;
}

/** A page of the CloudWatch User Guide. */
export function alarmGuide(page: string): string {
  return `${DOCS}/AmazonCloudWatch/latest/monitoring/${page}.html`;
}

/** A page of the Secrets Manager User Guide. */
export function secretGuide(page: string): string {
  return `${DOCS}/secretsmanager/latest/userguide/${page}.html`;
}
