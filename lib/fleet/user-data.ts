import { dirname } from 'node:path';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { APPLICATION_VARIABLES } from '../../runtime/binding';
import { enforce } from '../limits';
import { renderLogAgent } from './log-agent';

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
  /** The application's environment variables. A value may be a token, and must then be without a single quote. */
  readonly environment: Record<string, string>;
  /** The binding document: JSON on one line. */
  readonly binding: string;
  /** Where the binding is written to. The folder is the application's configuration: all of it is given to it to read. */
  readonly bindingFile: string;
  /** Where the application is unpacked. */
  readonly directory: string;
  /** Name of the log group for the output of the application and of the boot. */
  readonly logGroup: string;
  /** Namespace of the instances' metrics. */
  readonly metricsNamespace: string;
  /** Region of the instance. */
  readonly region: string;
  /**
   * Name of the termination lifecycle hook that the instance completes.
   *
   * @default - none: the application gets what time the machine's shutdown leaves
   */
  readonly lifecycleHook?: string;
  /** Seconds that the application gets to end its requests. */
  readonly drainSeconds: number;
}

/** Seconds until an application that does not become healthy fails its instance's signal. */
const HEALTH_TIMEOUT_S = 120;

const METADATA = 'http://169.254.169.254/latest';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROL_CHARACTER = /[\u0000-\u0008\u000b-\u001f\u007f]/;

/** Lone surrogates, and code points that Unicode gives to no character: systemd leaves out what holds one. */
const NO_CHARACTER = /[\p{Cs}\p{Noncharacter_Code_Point}]/u;

/**
 * First boot of Amazon Linux 2023: starts the log agent, installs Node.js, fetches the application, writes its
 * configuration and hands over to `start.sh`. A step that fails ends the script, and the signal tells CloudFormation;
 * only the log agent may fail.
 */
export function createUserData(options: BootOptions): ec2.UserData {
  const configuration = dirname(options.bindingFile);
  const environmentFile = `${configuration}/environment`;
  const agentFile = `${configuration}/log-agent.json`;
  const settings = {
    AWS_DEFAULT_REGION: options.region,
    APP_ENTRY: options.entry,
    APP_ENVIRONMENT: environmentFile,
    APP_HEALTH_URL: `http://127.0.0.1:${options.port}${options.healthPath}`,
    APP_HEALTH_TIMEOUT_S: String(HEALTH_TIMEOUT_S),
    APP_DRAIN_S: String(options.drainSeconds),
    APP_LIFECYCLE_HOOK: options.lifecycleHook ?? '',
  };
  const userData = ec2.UserData.forLinux();
  userData.addCommands(
    'set -euo pipefail',
    ...Object.entries(settings).map(([name, value]) => `export ${name}=${quote(value)}`),
    `install --directory --mode 0750 ${configuration}`,
    // First, so that whatever fails afterwards can be read in the log group.
    ...hereDocument(agentFile, 'LOG_AGENT', renderLogAgent(options)),
    'if ! {',
    '  dnf install --assumeyes --quiet amazon-cloudwatch-agent &&',
    `    /opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:${agentFile}`,
    "}; then echo 'the log agent did not start: logs and metrics of this instance stay on it' >&2; fi",
    'dnf install --assumeyes --quiet nodejs24 unzip logrotate aws-cfn-bootstrap',
    `aws s3 cp --only-show-errors ${quote(`s3://${options.bucket}/${options.key}`)} /tmp/app.zip`,
    `unzip -q -o /tmp/app.zip -d ${options.directory} && rm /tmp/app.zip`,
    ...hereDocument(options.bindingFile, 'BINDING', options.binding),
    ...hereDocument(environmentFile, 'ENVIRONMENT', renderEnvironment(options.environment)),
    // The instance's own id, which no template knows.
    `token=$(curl --silent --fail --retry 3 --request PUT --header 'X-aws-ec2-metadata-token-ttl-seconds: 60' ${METADATA}/api/token)`,
    `instance=$(curl --silent --fail --retry 3 --header "X-aws-ec2-metadata-token: $token" ${METADATA}/meta-data/instance-id)`,
    `echo "${APPLICATION_VARIABLES.instance}='$instance'" >>${environmentFile}`,
    `sh ${options.directory}/start.sh`,
  );
  return userData;
}

/**
 * A text within single quotes, where nothing but the quote has a meaning: to a shell, and to systemd in a file of
 * environment variables, `'"'"'` is a quote in between.
 */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}

/** Writes a file. The shell changes nothing in it, and no line of it ends it. */
function hereDocument(file: string, name: string, content: string): string[] {
  const lines = new Set(content.split('\n'));
  let delimiter = `END_OF_${name}`;
  while (lines.has(delimiter)) {
    delimiter += '_';
  }
  return [`cat >${file} <<'${delimiter}'`, content, delimiter];
}

/**
 * A file of environment variables that systemd reads with `EnvironmentFile=`, each value arriving as it is, line breaks
 * included.
 *
 * @throws Error for a variable that systemd would leave out, or change
 */
export function renderEnvironment(environment: Record<string, string>): string {
  const variables = Object.entries(environment);
  enforce(
    variables.flatMap(([name, value]) => [
      {
        broken: !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name),
        message: `a name in \`environment\` must be letters, digits and underscores, not starting with a digit, got ${JSON.stringify(name)}`,
      },
      {
        broken: CONTROL_CHARACTER.test(value),
        message: `\`environment\` cannot carry ${name}: it holds a control character other than a tab or line break, encode it`,
      },
      {
        broken: NO_CHARACTER.test(value),
        message: `\`environment\` cannot carry ${name}: it holds half a character or none, which no UTF-8 can hold, encode it`,
      },
    ]),
  );
  return variables.map(([name, value]) => `${name}=${quote(value)}`).join('\n');
}
