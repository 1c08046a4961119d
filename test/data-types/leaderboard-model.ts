import type { Ranking } from '../../runtime/data-types/leaderboard';

export type Change = readonly ['set' | 'increment' | 'improve' | 'remove', string, number];

/** A leaderboard in memory, as plainly as it can be said. */
export class LeaderboardModel {
  private readonly scores = new Map<string, { score: number; reachedAt: number }>();
  private changes = 0;

  constructor(
    private readonly order: 'highest' | 'lowest',
    private readonly ties: 'shared' | 'first-wins',
  ) {}

  apply([operation, member, amount]: Change): unknown {
    const before = this.scores.get(member)?.score;
    switch (operation) {
      case 'set':
        this.put(member, amount);
        return undefined;
      case 'increment':
        this.put(member, (before ?? 0) + amount);
        return this.scores.get(member)?.score;
      case 'improve': {
        const better = before === undefined || (this.order === 'highest' ? amount > before : amount < before);
        if (better) {
          this.put(member, amount);
        }
        return better;
      }
      case 'remove':
        return this.scores.delete(member);
    }
  }

  places(): Ranking[] {
    const sorted = [...this.scores].sort(
      ([one, a], [other, b]) =>
        this.compare(a.score, b.score) ||
        (this.ties === 'shared' ? Buffer.compare(Buffer.from(one), Buffer.from(other)) : a.reachedAt - b.reachedAt),
    );
    return sorted.map(([member, { score }], index) => ({
      member,
      score,
      rank:
        this.ties === 'shared'
          ? sorted.filter(([, other]) => this.compare(other.score, score) < 0).length + 1
          : index + 1,
    }));
  }

  private compare(a: number, b: number): number {
    return this.order === 'highest' ? b - a : a - b;
  }

  private put(member: string, score: number): void {
    this.changes += 1;
    if (this.scores.get(member)?.score !== score) {
      this.scores.set(member, { score: score + 0, reachedAt: this.changes });
    }
  }
}
