/** The part that the deploy step needs of `pg`'s client, and of `mysql2/promise`'s connection. */
export interface SqlClient {
  connect(): Promise<unknown>;
  query(text: string, values?: any[]): Promise<unknown>;
  end(): Promise<unknown>;
  /** A connection that is lost while the migrations run is told by an event. */
  on?(event: 'error', listener: (error: Error) => void): unknown;
}

/** Rows of a result: `pg` gives an object with `rows`, `mysql2` a pair of rows and columns. */
export async function rowsOf(client: SqlClient, text: string, values?: any[]): Promise<Array<Record<string, any>>> {
  const result = await (values === undefined ? client.query(text) : client.query(text, values));
  return Array.isArray(result) ? result[0] : (result as { rows: Array<Record<string, any>> }).rows;
}
