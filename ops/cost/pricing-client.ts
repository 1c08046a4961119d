import { PricingClient } from '@aws-sdk/client-pricing';

// What Node.js the bundled SDK runs on is this package's to say.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/** How often a call is tried: the SDK waits between tries, longer each time. */
const MOST_ATTEMPTS = 5;

/** How long one try may take to connect and to be answered, in milliseconds. */
const CONNECT_MS = 3_000;
const ANSWER_MS = 20_000;

/**
 * A client of AWS's price list, with the credentials of the environment, which must allow `pricing:GetProducts`.
 *
 * @param region whose prices are asked for; the service itself is in three regions, of which the nearest is taken
 */
export function pricingClient(region: string): PricingClient {
  return new PricingClient({
    region: serviceRegion(region),
    maxAttempts: MOST_ATTEMPTS,
    requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: ANSWER_MS, throwOnRequestTimeout: true },
  });
}

/** @see https://docs.aws.amazon.com/general/latest/gr/billing.html */
function serviceRegion(region: string): string {
  if (/^(eu|af|me|il)-/.test(region)) {
    return 'eu-central-1';
  }
  return region.startsWith('ap-') ? 'ap-south-1' : 'us-east-1';
}
