import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PricingClient } from '@aws-sdk/client-pricing';

/** What `GetProducts` was asked. */
export interface Asked {
  readonly ServiceCode: string;
  readonly Filters: ReadonlyArray<{ readonly Type: string; readonly Field: string; readonly Value: string }>;
  readonly NextToken?: string;
}

/** An error of AWS, as AWS JSON 1.1 writes it. */
export interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly message: string;
}

/** A product of the price list, with the attributes that are asked for. */
export interface Product {
  readonly product: { readonly productFamily?: string; readonly attributes: Readonly<Record<string, string>> };
  readonly [part: string]: unknown;
}

/** AWS's price list on loopback: `GetProducts` in AWS JSON 1.1, over products that a test gives. */
export class PricingEndpoint {
  readonly asked: Asked[] = [];
  readonly client: PricingClient;
  /** What the next requests are refused with, one each. */
  readonly refusals: Refusal[] = [];
  /** How many products a page has. */
  pageSize = 100;
  /** Whether requests are left without an answer. */
  isSilent = false;
  private products: readonly Product[] = [];

  static async start(): Promise<PricingEndpoint> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new PricingEndpoint(server);
  }

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => void this.answer(request, response));
    this.client = new PricingClient({
      region: 'us-east-1',
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
      maxAttempts: 2,
    });
  }

  has(...products: readonly Product[]): void {
    this.products = products;
  }

  async close(): Promise<void> {
    this.client.destroy();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk);
    }
    if (this.isSilent) {
      return;
    }
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    const refusal =
      request.headers['x-amz-target'] === 'AWSPriceListService.GetProducts'
        ? this.refusals.shift()
        : { status: 400, type: 'UnknownOperationException', message: 'no such operation' };
    if (refusal !== undefined) {
      response.statusCode = refusal.status;
      response.end(JSON.stringify({ __type: refusal.type, message: refusal.message }));
      return;
    }
    const asked: Asked = JSON.parse(Buffer.concat(chunks).toString());
    this.asked.push(asked);
    const all = this.products.filter((product) => matches(product, asked));
    const first = Number(asked.NextToken ?? 0);
    const next = first + this.pageSize;
    response.end(
      JSON.stringify({
        FormatVersion: 'aws_v1',
        PriceList: all.slice(first, next).map((product) => JSON.stringify(product)),
        ...(next < all.length ? { NextToken: `${next}` } : {}),
      }),
    );
  }
}

function matches({ product, serviceCode }: Product, { ServiceCode, Filters }: Asked): boolean {
  const fields: Readonly<Record<string, string | undefined>> = {
    ...product.attributes,
    productFamily: product.productFamily,
  };
  return (
    serviceCode === ServiceCode &&
    Filters.every(({ Type, Field, Value }) =>
      Type === 'CONTAINS' ? fields[Field]?.includes(Value) : fields[Field] === Value,
    )
  );
}
