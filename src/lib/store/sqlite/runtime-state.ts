import type { RuntimeStateRows } from '../store.js';
import type { Database } from './database.js';

interface Row {
  name: string;
  value: string;
  at: number;
}

const PUT = `INSERT INTO note (profile, name, value, at) VALUES (?, ?, ?, ?) ON CONFLICT (profile, name) DO UPDATE SET value = excluded.value, at = excluded.at`;

export function runtimeStateRows(db: Database, profile: string): RuntimeStateRows {
  return {
    async get(name) {
      const row = db.all<Row>('SELECT name, value, at FROM note WHERE profile = ? AND name = ?', profile, name)[0];
      return row && { value: row.value, at: row.at };
    },
    all: async () =>
      new Map(
        db
          .all<Row>('SELECT name, value, at FROM note WHERE profile = ?', profile)
          .map(({ name, value, at }) => [name, { value, at }]),
      ),
    async put(name, value, at) {
      db.run(PUT, profile, name, value, at);
    },
    async remove(name) {
      db.run('DELETE FROM note WHERE profile = ? AND name = ?', profile, name);
    },
  };
}
