//! The words of the seller's pages, which are fetched with the first of them.

import { type Language, type SellerT, sellerWords, useLanguage } from "../i18n";

export { loadSellerWords } from "../i18n";
export type { SellerT };

export function useSellerWords(): { readonly t: SellerT; readonly language: Language } {
  const language = useLanguage();
  return { t: sellerWords(language), language };
}
