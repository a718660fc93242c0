/** What stands before the rest of an answer and is no part of it. */
export type Preamble =
  | { readonly kind: 'open' }
  | { readonly kind: 'none' }
  | { readonly kind: 'found'; length: number };

/**
 * How models begin who announce that they go on, or apologise. A true rest that begins so is not mistaken for it: these
 * are beginnings of sentences, and after a sentence the seam has to be shown by words that repeat.
 */
const BEGINNINGS = [
  "Sure|Certainly|Of course|Absolutely|Okay|OK|Understood|Got it|Apologies|My apologies|I apologi[sz]e|I['’]?m (?:very |so )?sorry|I am (?:very |so )?sorry|Sorry|Pardon|Thanks|Thank you",
  "Here(?:['’]s| is| are| we)|Continuing|Continued|Continuation|To continue|Let me|Let['’]s continue|I['’]ll|I will|Picking up|Resuming|As I was saying",
  'Natürlich|Klar|Gerne|Selbstverständlich|Entschuldig|Verzeihung|Tut mir leid|Es tut mir leid|Hier (?:ist|geht|kommt|folgt)|Weiter geht|Ich (?:setze|fahre|mache)|Fortsetzung',
  "Bien sûr|Désolée?|Pardon|Je (?:suis désol|m[’']excuse|reprends|continue|poursuis)|Voici|Suite|Excusez|D[’']accord",
  'Claro|Por supuesto|Lo siento|Perdón|Disculp|Aquí (?:está|tienes|va|sigue)|Continuando|Continúo|Continuación',
  'Certo|Certamente|Mi scuso|Scusa|Mi dispiace|Ecco|Continuo|Riprendo|Desculp|Aqui está|Com certeza|Natuurlijk|Sorry|Hier is',
  'Конечно|Извин|Прост|Прошу прощения|Вот |Продолж|Jasne|Oczywiście|Przepraszam|Oto|Kontynu|Tabii|Üzgünüm|Özür',
  '好的|当然|抱歉|对不起|继续|接着|以下是|很抱歉|當然|對不起|繼續|はい|申し訳|すみません|続き|以下|もちろん|물론|죄송|계속|네,|이어서',
].join('|');
const BEGINNING = new RegExp(`^(?:${BEGINNINGS})`, 'u');
/** The text as a model would write it that writes no capitals. */
const IN_SMALL = new RegExp(`^(?:${BEGINNINGS})`, 'iu');
/** Up to the end of a sentence or of the line. */
const SENTENCE = /^[^\n]*?(?:[.!:…]+["'”’»)*_]*(?=\s)|[。！：]|\n)/u;
/** No announcement is longer. */
const MOST_LENGTH = 200;

/** Recognises one sentence of announcement or apology at the beginning. @param said without white space before it */
export function findPreamble(said: string, isOver: boolean): Preamble {
  if (!BEGINNING.test(said)) return { kind: 'none' };
  const sentence = SENTENCE.exec(said.slice(0, MOST_LENGTH))?.[0].trimEnd();
  if (sentence !== undefined) return { kind: 'found', length: sentence.length };
  return isOver || said.length >= MOST_LENGTH ? { kind: 'none' } : { kind: 'open' };
}

/** True where these may be the first words of an apology or the next ones of a sentence. */
export function isLikePreamble(said: string): boolean {
  return IN_SMALL.test(said);
}
