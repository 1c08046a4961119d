/** A film as an application caches it: about 1 KB of JSON, most of it one text. */
export interface Film {
  id: string;
  title: string;
  director: string | null;
  year: number;
  rating: number;
  votes: number;
  genres: string[];
  plot: string;
}

const PLOT =
  'A retired projectionist keeps the last reels of a town that the sea has taken, and shows them, one each night, to ' +
  'whoever still comes. When a stranger asks for a film that was never made, he begins to cut it from the others. ';

export function film(id: string): Film {
  const number = Number(id);
  return {
    id,
    title: `The Film of Number ${id}`,
    director: number % 3 === 0 ? null : `Director ${number % 331}`,
    year: 1920 + (number % 104),
    rating: 1 + (number % 90) / 10,
    votes: number * 37,
    genres: ['Drama', 'Mystery'],
    plot: PLOT.repeat(4),
  };
}
