import { App } from 'aws-cdk-lib';
import { GuestBookStack } from '../lib/guest-book-stack';

const app = new App();
new GuestBookStack(app, 'GuestBook', { env: { account: '111122223333', region: 'eu-central-1' } });
