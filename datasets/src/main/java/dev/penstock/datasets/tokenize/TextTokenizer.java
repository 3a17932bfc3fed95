package dev.penstock.datasets.tokenize;

import static java.util.Objects.requireNonNull;

import dev.penstock.datasets.DatasetException;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Text to token ids and back, with the ids of the Hugging Face tokenizer that the files describe.
 * Texts are neither truncated nor padded, whatever the files say. Never uses the network.
 *
 * <p>Safe for use by several threads, which encode at the same time. Holds native memory: whoever
 * opens it closes it.
 */
public final class TextTokenizer implements AutoCloseable {
  private final TokenizerPool.Opened opened;
  private final Vocabulary vocabulary;
  private final SpecialTokenNames names;
  private final AtomicBoolean closed = new AtomicBoolean();

  private TextTokenizer(TokenizerPool.Opened opened) {
    this.opened = opened;
    this.vocabulary = opened.complete().vocabulary();
    this.names = opened.complete().names();
  }

  /**
   * Makes a tokenizer. The same files are read but once in a JVM, as long as some use them or not
   * many others came in between.
   *
   * @throws DatasetException if the files are not those of a Hugging Face fast tokenizer
   */
  public static TextTokenizer open(TokenizerFiles files) {
    return new TextTokenizer(TokenizerPool.SHARED.take(files));
  }

  /** The ids of a text. */
  public int[] encode(String text, SpecialTokens specialTokens) {
    requireNonNull(text, "text is null");
    long[] wide = tokenizer().encode(text, specialTokens);
    int[] ids = new int[wide.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = (int) wide[i];
    }
    return ids;
  }

  /** The ids of a text without special tokens around it, and where each one is in it. */
  public LocatedTokens locate(String text) {
    return tokenizer().locate(requireNonNull(text, "text is null"));
  }

  /** Tokens that play a part, such as {@code eos_token}, by the key that names them. */
  public SortedMap<String, String> specialTokens() {
    return names.named(vocabulary);
  }

  /** The text of ids. */
  public String decode(int[] ids, SpecialTokens specialTokens) {
    long[] wide = new long[ids.length];
    for (int i = 0; i < ids.length; i++) {
      wide[i] = ids[i];
    }
    return tokenizer().decode(wide, specialTokens);
  }

  /** Whether decoding leaves out a token with {@link SpecialTokens#EXCLUDED}. */
  public boolean isSpecial(int id) {
    return vocabulary.isSpecial(id);
  }

  /** One more than the largest id: rows that a model's embedding must have at least. */
  public int vocabSize() {
    return vocabulary.size();
  }

  /** The token that begins a text, if the tokenizer names one. */
  public OptionalInt bosTokenId() {
    return names.id(SpecialTokenNames.BOS, vocabulary);
  }

  /** The token that ends a text, if the tokenizer names one. */
  public OptionalInt eosTokenId() {
    return names.id(SpecialTokenNames.EOS, vocabulary);
  }

  /** The token that fills up a sequence, if the tokenizer names one. */
  public OptionalInt padTokenId() {
    return names.id(SpecialTokenNames.PAD, vocabulary);
  }

  /**
   * The token to put after each document: {@code explicitId} if there is one, else {@link
   * #eosTokenId}.
   *
   * @throws DatasetException if there is neither, or the id is not in the vocabulary
   */
  public int endOfDocumentId(OptionalInt explicitId) {
    OptionalInt id = explicitId.isPresent() ? explicitId : eosTokenId();
    if (id.isEmpty()) {
      throw new DatasetException(
          "The tokenizer does not say which token ends a document: there is no"
              + (" tokenizer_config.json that names an eos_token of the vocabulary. Add that "
                  + "file, or")
              + " give the id of the end-of-document token.");
    }
    if (id.getAsInt() < 0 || id.getAsInt() >= vocabSize()) {
      throw new DatasetException(
          String.format(
              Locale.ROOT,
              ("The end-of-document token %d is not in the vocabulary of %d tokens. Use an id "
                  + "from 0 to %d."),
              id.getAsInt(),
              vocabSize(),
              vocabSize() - 1));
    }
    return id.getAsInt();
  }

  @Override
  public void close() {
    if (!closed.getAndSet(true)) {
      TokenizerPool.SHARED.giveBack(opened);
    }
  }

  private NativeTokenizer tokenizer() {
    if (closed.get()) {
      throw new IllegalStateException("the tokenizer is closed");
    }
    return opened.tokenizer();
  }
}
