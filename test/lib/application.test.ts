import { closeSync, ftruncateSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Application } from '../../lib';
import { temporaryFolder } from '../engines/temporary-folder';
import { applicationDirectory } from './stacks';

describe('an application', () => {
  test('fails if its directory does not exist', () => {
    expect(() => Application.fromDirectory('/does/not/exist')).toThrow(
      'the application directory /does/not/exist does not exist: build the application before synth',
    );
  });

  test('fails if its directory is empty', () => {
    const directory = temporaryFolder('empty');

    expect(() => Application.fromDirectory(directory)).toThrow(`the application directory ${directory} is empty`);
  });

  test('fails if it has no entry', () => {
    const directory = temporaryFolder('other');
    writeFileSync(join(directory, 'index.js'), '');

    expect(() => Application.fromDirectory(directory)).toThrow('has no server.js: `entry` must name a file in it');
    expect(Application.fromDirectory(directory, { entry: 'index.js' }).entry).toBe('index.js');
  });
});

test('fails if the application is larger than a function takes', () => {
  const directory = applicationDirectory();
  const file = openSync(join(directory, 'model.bin'), 'w');
  // A file with a hole: it says that it is large, and takes no space.
  ftruncateSync(file, 251 * 1024 * 1024);
  closeSync(file);

  expect(() => Application.fromDirectory(directory)).toThrow('is 251 MiB, more than the 250 MiB that a function takes');
});
