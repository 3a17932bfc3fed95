package dev.penstock.storage;

import java.io.IOException;
import java.io.OutputStream;

/**
 * A file that is being written. It is there when {@link #commit} has returned, and not before.
 * Closed without that, by an exception for example, it is given up: nothing of it stays, and an
 * older file of its name is left as it was.
 *
 * <pre>{@code
 * try (FileOutput out = folder.create("config.json")) {
 *   out.write(bytes);
 *   out.commit();
 * }
 * }</pre>
 */
public abstract class FileOutput extends OutputStream {
  private enum State {
    OPEN,
    COMMITTED,
    CLOSED
  }

  private State state = State.OPEN;

  /**
   * Completes and publishes the file. Nothing can be written after it.
   *
   * @throws IOException if it cannot be stored; then there is no file, or the older one
   */
  public final void commit() throws IOException {
    if (state != State.OPEN) {
      throw new IOException("The file was committed or closed before.");
    }
    state = State.CLOSED;
    try {
      publish();
      state = State.COMMITTED;
    } finally {
      if (state != State.COMMITTED) {
        abort();
      }
    }
  }

  /** Gives the file up, unless it was committed. */
  @Override
  public final void close() throws IOException {
    if (state == State.OPEN) {
      state = State.CLOSED;
      abort();
    }
  }

  /**
   * Ends without a file, and lets what was written stand for {@link Folder#unfinished}, where the
   * storage can.
   */
  public final void leave() throws IOException {
    if (state == State.OPEN) {
      state = State.CLOSED;
      keep();
    }
  }

  /** Stores what was written and makes it visible. Called once, or never. */
  protected abstract void publish() throws IOException;

  /** Releases everything and lets stand what was written; removes it where it cannot stand. */
  protected abstract void keep() throws IOException;

  /** Removes what was written, releasing everything. Also called where publishing failed. */
  protected abstract void abort() throws IOException;
}
