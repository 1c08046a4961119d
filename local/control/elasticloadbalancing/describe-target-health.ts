import type { ControlledEnvironment } from '../controlled';
import { AnswerList } from '../query/answers';
import type { QueryOperation } from '../query/operation';
import { targetGroupNotFound } from './faults';

export const describeTargetHealth: QueryOperation<ControlledEnvironment> = (request) => {
  const arn = request.required('TargetGroupArn', request.string('TargetGroupArn'));
  return ({ loadBalancer }) => {
    if (loadBalancer?.targetGroup.arn !== arn) {
      throw targetGroupNotFound(arn);
    }
    return {
      TargetHealthDescriptions: new AnswerList(
        'member',
        loadBalancer.targets.map(({ id, port, state, reason, description }) => ({
          Target: { Id: id, Port: port },
          HealthCheckPort: String(port),
          TargetHealth: { State: state, Reason: reason, Description: description },
        })),
      ),
    };
  };
};
