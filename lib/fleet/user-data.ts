import * as ec2 from 'aws-cdk-lib/aws-ec2';

/** What the first boot of an instance does. */
export interface BootOptions {
  /** Name of the bucket that holds the application. */
  readonly bucket: string;
  /** Key of the application's archive in it. */
  readonly key: string;
  /** File that is started. */
  readonly entry: string;
  /** Port the application listens on. */
  readonly port: number;
  /** Path that answers 200 while the application lives. */
  readonly healthPath: string;
  /** The application's environment variables, one `NAME=value` a line. */
  readonly environment: string;
  /** The binding document. */
  readonly binding: string;
  /** Where the binding is written to. */
  readonly bindingFile: string;
  /** Where the application is unpacked. */
  readonly directory: string;
}

/** Seconds until an application that does not become healthy fails its instance's signal. */
const HEALTH_TIMEOUT_S = 120;

/**
 * First boot of Amazon Linux 2023: installs Node.js, fetches the application, writes its configuration and hands over to
 * `start.sh`. A step that fails ends the script, and the signal tells CloudFormation.
 */
export function createUserData(options: BootOptions): ec2.UserData {
  const userData = ec2.UserData.forLinux();
  userData.addCommands(
    'set -euo pipefail',
    'dnf install --assumeyes --quiet nodejs24 unzip aws-cfn-bootstrap',
    `install --directory ${options.directory} /etc/app`,
    `aws s3 cp --only-show-errors "s3://${options.bucket}/${options.key}" /tmp/app.zip`,
    `unzip -q -o /tmp/app.zip -d ${options.directory} && rm /tmp/app.zip`,
    // A quoted delimiter: the shell changes nothing in what stands between.
    `cat >${options.bindingFile} <<'END_OF_BINDING'`,
    options.binding,
    'END_OF_BINDING',
    "cat >/etc/app/environment <<'END_OF_ENVIRONMENT'",
    options.environment,
    'END_OF_ENVIRONMENT',
    // The instance's own id, which no template knows.
    'token=$(curl --silent --fail --request PUT --header "X-aws-ec2-metadata-token-ttl-seconds: 60" http://169.254.169.254/latest/api/token)',
    'echo "INSTANCE_NAME=$(curl --silent --fail --header "X-aws-ec2-metadata-token: $token" http://169.254.169.254/latest/meta-data/instance-id)" >>/etc/app/environment',
    `export APP_ENTRY=${options.entry} APP_ENVIRONMENT=/etc/app/environment APP_HEALTH_URL=http://127.0.0.1:${options.port}${options.healthPath} APP_HEALTH_TIMEOUT_S=${HEALTH_TIMEOUT_S}`,
    `sh ${options.directory}/start.sh`,
  );
  return userData;
}
