import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { Assembly } from '../assembly/assembly';
import { Problem } from '../assembly/problem';
import { estimateMonth, type StackTemplate } from '../ops/cost/estimate';
import { costJson } from '../ops/cost/json';
import { writePrices } from '../ops/cost/price-file';
import { PriceList } from '../ops/cost/price-list';
import { pricingClient } from '../ops/cost/pricing-client';
import { refreshedPrices } from '../ops/cost/refresh';
import { costText } from '../ops/cost/text';
import { neededPrices, type ServerlessUse, whatIfs } from '../ops/cost/what-ifs';
import { chosenEnvironments } from './assembly-environments';
import { type Operation, type OperationArguments, operation } from './operation/operation';
import { print, terminal } from './operation/output';
import { isAssembly, refuseIdle } from './operation/where';

export interface CostArguments extends OperationArguments {
  readonly environment?: string;
  readonly prices?: string;
  readonly refresh?: string;
  readonly gigabytes?: number;
  readonly ecpu?: number;
}

const IDLE = { ofAssembly: ['environment'], ofDeployed: ['endpointUrl', 'aws', 'stack', 'calls'] };

/** Stacks that are counted together, and where they are. */
interface Counted {
  readonly environment: string;
  /** Nothing where an assembly does not say it. */
  readonly region?: string;
  readonly stacks: readonly StackTemplate[];
}

/** Says what templates, or what is deployed, cost a month, and what they would cost if something were otherwise. */
export async function cost(where: string, options: CostArguments, command: Command): Promise<void> {
  const environment = isAssembly(where) ? undefined : where;
  await operation(environment, options, async (running) => {
    refuseIdle(where, command, IDLE);
    if (options.prices !== undefined && options.refresh !== undefined) {
      throw new Problem('--refresh reads the prices that --prices names from AWS: give one of them');
    }
    const all = isAssembly(where) ? ofAssembly(where, options.environment) : [await deployed(running)];
    const use = useOf(options);
    const results: Array<{ readonly counted: Counted; readonly text: string; readonly json: object }> = [];
    for (const counted of all) {
      const prices = await pricesOf(counted, options, running);
      const estimate = estimateMonth(counted.stacks, prices);
      const ifs = whatIfs(counted.stacks, prices, use === undefined ? {} : { use });
      results.push({ counted, text: costText(estimate, ifs, terminal()), json: costJson(estimate, ifs) });
    }
    print(
      options.json
        ? JSON.stringify(
            { environments: results.map(({ counted, json }) => ({ environment: counted.environment, ...json })) },
            null,
            2,
          )
        : results.map(({ counted, text }) => `${counted.environment}\n\n${text}`).join('\n'),
    );
  });
}

function ofAssembly(directory: string, environment: string | undefined): Counted[] {
  return chosenEnvironments(new Assembly(directory), environment).map(({ name, stacks }) => {
    const [region] = stacks.flatMap((stack) => stack.region ?? []);
    return {
      environment: name,
      ...(region === undefined ? {} : { region }),
      stacks: stacks.map((stack) => ({
        name: stack.path,
        template: JSON.parse(readFileSync(stack.templateFile, 'utf8')),
      })),
    };
  });
}

async function deployed(running: Operation): Promise<Counted> {
  const { environment, region, stacks, gaps } = await running.templates();
  for (const { what, code, message } of gaps) {
    console.error(`not counted: ${what} (${code}: ${message})`);
  }
  return { environment, region, stacks };
}

async function pricesOf(
  { region, stacks }: Counted,
  { prices, refresh }: CostArguments,
  running: Operation,
): Promise<PriceList> {
  if (refresh !== undefined) {
    const { signal, end } = running.deadline();
    const wanted = region ?? PriceList.sourced().region;
    const client = pricingClient(wanted);
    try {
      const {
        prices: fresh,
        refreshed,
        notFound,
      } = await refreshedPrices(client, neededPrices(stacks), { region: wanted, signal });
      await writePrices(refresh, fresh);
      console.error(
        [
          `${refreshed.length} prices of ${wanted} are in ${refresh}`,
          ...notFound.map((one) => `  not refreshed: ${one}`),
        ].join('\n'),
      );
      return fresh;
    } finally {
      client.destroy();
      end();
    }
  }
  const list = prices === undefined ? PriceList.sourced() : PriceList.from(prices, region);
  if (region !== undefined && list.region !== region) {
    console.error(
      `the prices are those of ${list.region}, and the stacks are in ${region}: --refresh <file> reads its own from AWS`,
    );
  }
  return list;
}

function useOf({ gigabytes, ecpu }: CostArguments): ServerlessUse | undefined {
  if (gigabytes === undefined && ecpu === undefined) {
    return undefined;
  }
  if (gigabytes === undefined || ecpu === undefined) {
    throw new Problem('a use of serverless caches is --gigabytes and --ecpu together');
  }
  return { gigabytes, ecpuPerSecond: ecpu };
}
