/** A template without what changes with every build or release of CDK: hashes of assets, and what CDK counts. */
export function masked(template: unknown): Record<string, any> {
  const text = JSON.stringify(template)
    .replaceAll(/[0-9a-f]{64}/g, 'ASSET_HASH')
    .replaceAll(/CurrentVersion[0-9A-F]{8}[0-9a-f]{32}/g, 'CurrentVersionHASH')
    .replaceAll(/"Analytics":"v2:[^"]*"/g, '"Analytics":"CONSTRUCTS"');
  return JSON.parse(text);
}
