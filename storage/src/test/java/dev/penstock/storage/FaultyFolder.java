package dev.penstock.storage;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A folder that asks before everything that changes it; the answer may be late, or a failure. */
public record FaultyFolder(Folder folder, Gate gate) implements Folder {
  /** What changes a folder. */
  public enum Change {
    CREATE,
    WRITE,
    COMMIT,
    ABORT,
    DELETE,
    MOVE
  }

  /** Decides whether something happens. */
  public interface Gate {
    void pass(Change change, String name) throws IOException;
  }

  /** The process is no more. */
  public static final class Death extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** A folder whose process dies before the change after so many: then it changes nothing more. */
  public static FaultyFolder dyingAfter(Folder folder, int changes) {
    AtomicInteger left = new AtomicInteger(changes);
    return new FaultyFolder(
        folder,
        (change, name) -> {
          if (left.getAndDecrement() <= 0) {
            throw new Death();
          }
        });
  }

  @Override
  public FileOutput create(String name) throws IOException {
    gate.pass(Change.CREATE, name);
    FileOutput out = folder.create(name);
    return new FileOutput() {
      @Override
      public void write(int b) throws IOException {
        gate.pass(Change.WRITE, name);
        out.write(b);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        gate.pass(Change.WRITE, name);
        out.write(bytes, offset, length);
      }

      @Override
      protected void publish() throws IOException {
        gate.pass(Change.COMMIT, name);
        out.commit();
      }

      @Override
      protected void keep() throws IOException {
        out.leave();
      }

      @Override
      protected void abort() throws IOException {
        gate.pass(Change.ABORT, name);
        out.close();
      }
    };
  }

  @Override
  public List<String> unfinished(String name) throws IOException {
    return folder.unfinished(name);
  }

  @Override
  public void delete(String name) throws IOException {
    gate.pass(Change.DELETE, name);
    folder.delete(name);
  }

  @Override
  public void move(String from, String to) throws IOException {
    gate.pass(Change.MOVE, from);
    folder.move(from, to);
  }

  /** Not at once: one file after the other. */
  @Override
  public void deleteAll() throws IOException {
    for (String name : folder.listAll()) {
      delete(name);
    }
    gate.pass(Change.DELETE, "");
    folder.deleteAll();
  }

  @Override
  public void deleteIfEmpty() throws IOException {
    gate.pass(Change.DELETE, "");
    folder.deleteIfEmpty();
  }

  @Override
  public Folder folder(String name) {
    return new FaultyFolder(folder.folder(name), gate);
  }

  @Override
  public String location() {
    return folder.location();
  }

  @Override
  public boolean exists(String name) throws IOException {
    return folder.exists(name);
  }

  @Override
  public long length(String name) throws IOException {
    return folder.length(name);
  }

  @Override
  public SeekableByteChannel open(String name) throws IOException {
    return folder.open(name);
  }

  @Override
  public List<String> list() throws IOException {
    return folder.list();
  }

  @Override
  public List<String> listAll() throws IOException {
    return folder.listAll();
  }

  @Override
  public List<String> folders() throws IOException {
    return folder.folders();
  }

  @Override
  public long modifiedMillis(String name) throws IOException {
    return folder.modifiedMillis(name);
  }

  @Override
  public boolean movesCheaply() throws IOException {
    return folder.movesCheaply();
  }
}
