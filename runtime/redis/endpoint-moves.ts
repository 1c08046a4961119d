import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';

/** How often a name is looked up again, in milliseconds: a new address is in use within five seconds of the change. */
const LOOKUP_INTERVAL_MS = 2_000;

type Resolve = (
  host: string,
  options: LookupOptions & { all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Notices when an endpoint's name leads to another address than the one that was connected to. A connection to the old
 * primary may stay open for hours, and answers reads with what it had.
 */
export class EndpointMoves {
  private known = new Set<string>();
  private readonly timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly host: string,
    private readonly onMoved: () => void,
    private readonly resolve: Resolve = systemLookup,
  ) {
    if (isIP(host) === 0) {
      this.timer = setInterval(() => this.check(), LOOKUP_INTERVAL_MS).unref();
    }
  }

  /** The look-up for a socket's options; it notes what was connected to. */
  readonly lookup: LookupFunction = (host, options, done) => {
    this.resolve(host, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null || first === undefined) {
        done(error ?? new Error(`no address for ${host}`), '', 0);
        return;
      }
      this.known = new Set(addresses.map(({ address }) => address));
      if (options.all === true) {
        done(null, addresses as never, 0);
      } else {
        done(null, first.address, first.family);
      }
    });
  };

  close(): void {
    clearInterval(this.timer);
  }

  private check(): void {
    this.resolve(this.host, { all: true }, (error, addresses) => {
      // A resolver that does not answer says nothing about the endpoint.
      const moved =
        error === null &&
        addresses.length > 0 &&
        this.known.size > 0 &&
        !addresses.some(({ address }) => this.known.has(address));
      if (moved) {
        this.onMoved();
      }
    });
  }
}
