import { DescribeSecret$, type DescribeSecretRequest } from '@aws-sdk/client-secrets-manager';
import { AwsError } from '../aws-error';
import { operation, type Service } from '../operation';

export const SECRETS_MANAGER: Service = {
  prefix: 'secretsmanager',
  signingName: 'secretsmanager',
  protocol: { name: 'json', version: '1.1', target: 'secretsmanager', isQueryCompatible: false },
  invalid: (message) => new AwsError('InvalidParameterException', message),
  operations: [
    operation(DescribeSecret$, ['SecretId'], ({ SecretId }: DescribeSecretRequest, { state }) => {
      const secret = state.secrets.find(({ ARN, Name }) => ARN === SecretId || Name === SecretId);
      if (secret === undefined) {
        throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
      }
      return secret;
    }),
  ],
};
