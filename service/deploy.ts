import { Client } from 'pg';
import { deployStep } from '../runtime';
import { migrate } from './database/migrate';

/** The deploy step of the film portal: its migrations, then the role its instances sign in with. */
export const handler = deployStep({ client: (login) => new Client(login), migrate });
