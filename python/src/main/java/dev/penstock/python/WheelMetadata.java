package dev.penstock.python;

import java.util.Map;

/**
 * What a wheel says of itself.
 *
 * @param projectVersion Maven's version of the project
 * @param oldestSpark the first Spark that it runs with
 * @param platform of the native libraries in it, as Maven's classifiers name it
 * @param readme the description, in Markdown
 */
record WheelMetadata(String projectVersion, String oldestSpark, String platform, String readme) {
  private static final Map<String, String> TAGS =
      Map.of(
          "linux-x86_64", "linux_x86_64",
          "macosx-arm64", "macosx_11_0_arm64");

  WheelMetadata {
    if (!TAGS.containsKey(platform)) {
      throw new IllegalArgumentException("No wheel can be made for the platform " + platform);
    }
  }

  /** The version as Python wants it: a snapshot is a development release. */
  String version() {
    return projectVersion.replace("-SNAPSHOT", ".dev0");
  }

  /** Name and version, as they begin the names of the archive and of the folder in it. */
  String stem() {
    return "penstock_spark-" + version();
  }

  String fileName() {
    return stem() + "-" + tag() + ".whl";
  }

  private String tag() {
    return "py3-none-" + TAGS.get(platform);
  }

  /** The file METADATA. */
  String metadata() {
    String minor = oldestSpark.substring(0, oldestSpark.lastIndexOf('.'));
    return """
    Metadata-Version: 2.1
    Name: penstock-spark
    Version: %s
    Summary: Pipeline-parallel training of Hugging Face language models inside Apache Spark.
    License: Apache-2.0
    Requires-Python: >=3.9
    Requires-Dist: pyspark[ml] >=%s,<5
    Classifier: Programming Language :: Python :: 3
    Classifier: Typing :: Typed
    Description-Content-Type: text/markdown

    %s\
    """
        .formatted(version(), minor, readme);
  }

  /** The file WHEEL. */
  String wheel() {
    return """
    Wheel-Version: 1.0
    Generator: penstock
    Root-Is-Purelib: false
    Tag: %s
    """
        .formatted(tag());
  }
}
