/** A basket as the page shows it. */
export interface BasketView {
  readonly owner: string;
  readonly cents: number;
}

/** Renders a price: 1999 is "19.99". */
export function price(cents: number): string {
  return (cents / 100).toFixed(2);
}

/** Renders a basket in one line. */
export function renderBasket({ owner, cents }: BasketView): string {
  return `${owner}: ${price(cents)}`;
}
