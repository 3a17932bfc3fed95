package dev.penstock.datasets.tokenize;

import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import dev.penstock.datasets.DatasetException;
import dev.penstock.storage.NativeFolders;
import java.util.Arrays;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Hugging Face's tokenizers library, called below DJL's own wrapper. The wrapper copies nine fields
 * of every encoding, of which only the ids are wanted, pads the texts of a batch, and asks a
 * telemetry address when it is made; the functions called here do none of that. Safe for use by
 * several threads; closing waits for the calls under way.
 */
final class NativeTokenizer implements AutoCloseable {
  /** With any other value DJL may download a library for the GPU that it finds. */
  private static final String FLAVOR = "RUST_FLAVOR";

  private static boolean loaded;

  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private long handle;

  private NativeTokenizer(long handle) {
    this.handle = handle;
  }

  static NativeTokenizer create(String tokenizerJson) {
    load();
    try {
      long handle = TokenizersLibrary.LIB.createTokenizerFromString(tokenizerJson);
      TokenizersLibrary.LIB.disablePadding(handle);
      TokenizersLibrary.LIB.disableTruncation(handle);
      return new NativeTokenizer(handle);
    } catch (RuntimeException e) {
      throw new DatasetException(
          ("The tokenizer.json cannot be used: %s. It must be the file of a Hugging Face fast "
                  + "tokenizer.")
              .formatted(e.getMessage()),
          e);
    }
  }

  long[] encode(String text, SpecialTokens specialTokens) {
    return whileOpen(
        tokenizer -> {
          long encoding =
              TokenizersLibrary.LIB.encode(
                  tokenizer, text, specialTokens == SpecialTokens.INCLUDED);
          try {
            return TokenizersLibrary.LIB.getTokenIds(encoding);
          } finally {
            TokenizersLibrary.LIB.deleteEncoding(encoding);
          }
        });
  }

  /** The ids of a text without special tokens around it, and where each one is in it. */
  LocatedTokens locate(String text) {
    return whileOpen(
        tokenizer -> {
          long encoding = TokenizersLibrary.LIB.encode(tokenizer, text, false);
          try {
            long[] ids = TokenizersLibrary.LIB.getTokenIds(encoding);
            CharSpan[] spans = TokenizersLibrary.LIB.getTokenCharSpans(encoding);
            int[] begins = new int[ids.length];
            int[] ends = new int[ids.length];
            for (int i = 0; i < ids.length; i++) {
              begins[i] = spans[i] == null ? 0 : spans[i].getStart();
              ends[i] = spans[i] == null ? 0 : spans[i].getEnd();
            }
            return new LocatedTokens(
                Arrays.stream(ids).mapToInt(id -> (int) id).toArray(), begins, ends);
          } finally {
            TokenizersLibrary.LIB.deleteEncoding(encoding);
          }
        });
  }

  String decode(long[] ids, SpecialTokens specialTokens) {
    return whileOpen(
        tokenizer ->
            TokenizersLibrary.LIB.decode(tokenizer, ids, specialTokens == SpecialTokens.EXCLUDED));
  }

  @Override
  public void close() {
    Lock exclusive = lock.writeLock();
    exclusive.lock();
    try {
      if (handle != 0) {
        TokenizersLibrary.LIB.deleteTokenizer(handle);
        handle = 0;
      }
    } finally {
      exclusive.unlock();
    }
  }

  private <T> T whileOpen(NativeCall<T> call) {
    Lock shared = lock.readLock();
    shared.lock();
    try {
      if (handle == 0) {
        throw new IllegalStateException("the tokenizer is closed");
      }
      return call.on(handle);
    } finally {
      shared.unlock();
    }
  }

  private static synchronized void load() {
    if (!loaded) {
      NativeFolders.loadTokenizer(NativeTokenizer::loadForThisLoader);
      loaded = true;
    }
  }

  private static void loadForThisLoader() {
    String before = System.getProperty(FLAVOR);
    System.setProperty(FLAVOR, "cpu");
    try {
      LibUtils.checkStatus();
    } catch (EngineException e) {
      throw new DatasetException(
          ("The native tokenizer library cannot be loaded: %s. It is unpacked below %s, and exists"
                  + " for Linux (x86_64, aarch64), macOS (aarch64) and Windows. Where Spark sessions"
                  + " add jars, leave DJL_CACHE_DIR unset.")
              .formatted(e.getMessage(), NativeFolders.tokenizer()),
          e);
    } finally {
      if (before == null) {
        System.clearProperty(FLAVOR);
      } else {
        System.setProperty(FLAVOR, before);
      }
    }
  }

  private interface NativeCall<T> {
    T on(long tokenizer);
  }
}
