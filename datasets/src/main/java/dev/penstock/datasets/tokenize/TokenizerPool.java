package dev.penstock.datasets.tokenize;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The tokenizers of this JVM. Each is opened once, however many tasks want it, and a few that
 * nobody uses stay open, since reading a large vocabulary takes a second.
 */
final class TokenizerPool {
  /** The one that all share. */
  static final TokenizerPool SHARED = new TokenizerPool(2);

  private final int mostIdle;
  private final Map<String, Opened> used = new HashMap<>();
  private final Map<String, Opened> idle = new LinkedHashMap<>();

  /**
   * A pool.
   *
   * @param mostIdle tokenizers that stay open although nobody uses them
   */
  TokenizerPool(int mostIdle) {
    this.mostIdle = mostIdle;
  }

  /** A tokenizer that is open, and how many use it. */
  static final class Opened {
    private final String key;
    private final CompleteTokenizer complete;
    private final NativeTokenizer tokenizer;
    private int users;

    private Opened(String key, CompleteTokenizer complete) {
      this.key = key;
      this.complete = complete;
      this.tokenizer = NativeTokenizer.create(complete.json());
    }

    CompleteTokenizer complete() {
      return complete;
    }

    NativeTokenizer tokenizer() {
      return tokenizer;
    }
  }

  /** The tokenizer of some files; whoever takes it gives it back once. */
  synchronized Opened take(TokenizerFiles files) {
    String key = files.contentSha256();
    Opened opened = used.get(key);
    if (opened == null) {
      opened = idle.remove(key);
    }
    if (opened == null) {
      opened = new Opened(key, CompleteTokenizer.of(files));
    }
    opened.users++;
    used.put(key, opened);
    return opened;
  }

  synchronized void giveBack(Opened opened) {
    opened.users--;
    if (opened.users > 0) {
      return;
    }
    used.remove(opened.key);
    idle.put(opened.key, opened);
    if (idle.size() > mostIdle) {
      Opened eldest = idle.values().iterator().next();
      idle.remove(eldest.key);
      eldest.tokenizer.close();
    }
  }

  /** Tokenizers that are open. */
  synchronized int size() {
    return used.size() + idle.size();
  }
}
