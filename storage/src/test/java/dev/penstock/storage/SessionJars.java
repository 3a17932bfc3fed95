package dev.penstock.storage;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The class path of a test once more, as sessions of Spark load the jars that they add. */
public final class SessionJars {
  private SessionJars() {}

  /**
   * Makes a task in class loaders of their own, all at the same time.
   *
   * @param task has a public constructor without arguments
   * @return what came of each
   */
  public static List<Object> callIn(int loaders, Class<? extends Callable<?>> task)
      throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(loaders);
    try {
      List<Future<Object>> running = new ArrayList<>();
      for (int i = 0; i < loaders; i++) {
        ClassLoader loader = new URLClassLoader(urls(), ClassLoader.getPlatformClassLoader());
        running.add(threads.submit(() -> call(loader, task.getName())));
      }
      List<Object> results = new ArrayList<>();
      for (Future<Object> result : running) {
        results.add(result.get());
      }
      return results;
    } catch (ExecutionException e) {
      throw new AssertionError("A task failed in its class loader", e.getCause());
    } finally {
      threads.shutdownNow();
    }
  }

  private static Object call(ClassLoader loader, String task) throws Exception {
    Thread.currentThread().setContextClassLoader(loader);
    return ((Callable<?>) loader.loadClass(task).getConstructor().newInstance()).call();
  }

  private static URL[] urls() throws MalformedURLException {
    List<URL> urls = new ArrayList<>();
    for (String path : System.getProperty("java.class.path").split(File.pathSeparator)) {
      urls.add(new File(path).toURI().toURL());
    }
    return urls.toArray(URL[]::new);
  }
}
