import type { ControlledEnvironment } from '../controlled';
import { AnswerList } from '../query/answers';
import type { QueryOperation } from '../query/operation';
import { stackOf } from './stacks';

/** The template as it was run: nothing here transforms one, so that there is no processed one. */
export const getTemplate: QueryOperation<ControlledEnvironment> = (request) => {
  const name = request.required('StackName', request.string('StackName'));
  request.choice('TemplateStage', ['Original']);
  return (environment) => ({
    TemplateBody: stackOf(environment, name).template,
    StagesAvailable: new AnswerList('member', ['Original']),
  });
};
