import { App } from 'aws-cdk-lib';
import { ShopStack } from '../lib/shop-stack';
import { StoreStack } from '../lib/store-stack';

const app = new App();
const env = { region: 'eu-central-1' };
const { vpc, sessions } = new StoreStack(app, 'Store', { env });
new ShopStack(app, 'Shop', { env, vpc, sessions });
