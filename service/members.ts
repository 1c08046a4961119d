import type { DataTypes } from '../runtime';

/** Films that a member's page remembers as viewed. */
const RECENTLY_VIEWED = 12;

export interface Profile {
  readonly since: string;
  readonly signIns: number;
}

/** What the portal remembers of a member, on a list, a set and a hash. */
export class Members {
  constructor(private readonly types: DataTypes) {}

  async signedIn(member: string): Promise<void> {
    const profile = this.types.hash(`profile/${member}`);
    const signIns = await profile.increment('signIns');
    if (signIns === 1) {
      await profile.set({ since: new Date().toISOString() });
    }
  }

  async profile(member: string): Promise<Profile> {
    const fields = await this.types.hash(`profile/${member}`).all();
    return { since: fields.since ?? '', signIns: Number(fields.signIns ?? 0) };
  }

  async viewed(member: string, filmId: number): Promise<void> {
    await this.recent(member).add(String(filmId));
  }

  async recentlyViewed(member: string): Promise<number[]> {
    return (await this.recent(member).entries()).map(Number);
  }

  async isFavourite(member: string, filmId: number): Promise<boolean> {
    return this.favouritesOf(member).has(String(filmId));
  }

  async favourites(member: string): Promise<number[]> {
    return (await this.favouritesOf(member).members()).map(Number).sort((a, b) => a - b);
  }

  /** Adds a film to the favourites, or takes it out. */
  async setFavourite(member: string, filmId: number, favourite: boolean): Promise<void> {
    const set = this.favouritesOf(member);
    await (favourite ? set.add(String(filmId)) : set.remove(String(filmId)));
  }

  async forget(member: string): Promise<void> {
    await Promise.all([
      this.types.hash(`profile/${member}`).clear(),
      this.recent(member).clear(),
      this.favouritesOf(member).clear(),
    ]);
  }

  private recent(member: string) {
    return this.types.recent(`viewed/${member}`, { limit: RECENTLY_VIEWED });
  }

  private favouritesOf(member: string) {
    return this.types.set(`favourites/${member}`);
  }
}
