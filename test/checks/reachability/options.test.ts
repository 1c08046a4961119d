import { found, nothing } from './foreign-app';

describe('options', () => {
  test.each([
    [{ consumers: ['Nobody'] }, 'Nobody'],
    [{ allowed: ['app/Nobody', '10.0.0.0/8'] }, 'app/Nobody'],
  ])('%j names what is not there', (options, name) => {
    expect(() => found(nothing, options)).toThrow(
      `\`consumers\` and \`allowed\` must name constructs with security groups, got ${name}`,
    );
  });

  test('a consumer that refers to nothing is to reach everything', () => {
    expect(found(nothing, { consumers: ['Bastion', 'Function', 'Service'] }).map((text) => text.split(':')[0])).toEqual(
      ['error cache-unreachable at Bastion', 'error database-unreachable at Bastion'],
    );
  });
});
