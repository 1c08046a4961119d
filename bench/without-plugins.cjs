// Loaded before an app: `cdk-preflight` would validate by itself where CDK does not.
require('cdk-preflight').Preflight.apply = () => {};
