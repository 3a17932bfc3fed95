package dev.penstock.engine.checkpoint;

import dev.penstock.storage.FileOutput;
import dev.penstock.storage.Folder;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.util.List;

/** A folder that asks before everything that changes it; a question may block or fail. */
public record FaultyFolder(Folder folder, Gate gate) implements Folder {
  /** Decides whether something happens. */
  public interface Gate {
    /**
     * @param what create, write, commit or delete
     */
    void pass(String what, String name) throws IOException;
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
  public FileOutput create(String name) throws IOException {
    gate.pass("create", name);
    FileOutput out = folder.create(name);
    return new FileOutput() {
      @Override
      public void write(int b) throws IOException {
        gate.pass("write", name);
        out.write(b);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        gate.pass("write", name);
        out.write(bytes, offset, length);
      }

      @Override
      protected void publish() throws IOException {
        gate.pass("commit", name);
        out.commit();
      }

      @Override
      protected void abort() throws IOException {
        out.close();
      }
    };
  }

  @Override
  public void delete(String name) throws IOException {
    gate.pass("delete", name);
    folder.delete(name);
  }

  @Override
  public void deleteIfEmpty() throws IOException {
    folder.deleteIfEmpty();
  }

  @Override
  public List<String> folders() throws IOException {
    return folder.folders();
  }

  @Override
  public Folder folder(String name) {
    return new FaultyFolder(folder.folder(name), gate);
  }

  @Override
  public long modifiedMillis(String name) throws IOException {
    return folder.modifiedMillis(name);
  }

  @Override
  public boolean movesCheaply() throws IOException {
    return folder.movesCheaply();
  }

  @Override
  public void move(String from, String to) throws IOException {
    folder.move(from, to);
  }

  @Override
  public void deleteAll() throws IOException {
    folder.deleteAll();
  }
}
