package dev.penstock.python;

import java.util.List;

/** The generated module: its head, and how Python spells things. */
final class StageModule {
  static final String HEAD =
      """
      \"\"\"Penstock's stages, under the names of their Java twins. Generated: import penstock_spark.\"\"\"

      from typing import Any, Dict, List, Optional

      from pyspark.ml.param import Param, Params

      from dev.penstock.spark._convert import (
          toBoolean,
          toFloat,
          toInt,
          toListString,
          toLong,
          toString,
      )
      from dev.penstock.spark._generator import GeneratorStage
      from dev.penstock.spark._model import ModelStage
      from dev.penstock.spark._summary import SummaryValues
      from dev.penstock.spark._trainer import TrainerStage
      """;

  private static final int LINE = 96;

  private StageModule() {}

  /** A Python string literal. */
  static String literal(String text) {
    StringBuilder literal = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      switch (c) {
        case '"', '\\' -> literal.append('\\').append(c);
        case '\n' -> literal.append("\\n");
        default -> literal.append(c);
      }
    }
    return literal.append('"').toString();
  }

  /** A docstring's text in lines that begin alike. */
  static String wrapped(String text, String indent) {
    StringBuilder lines = new StringBuilder();
    int length = 0;
    for (String word : List.of(text.replace("\\", "\\\\").replace("\"", "'").split("\\s+"))) {
      if (length > 0 && length + 1 + word.length() > LINE - indent.length()) {
        lines.append('\n').append(indent);
        length = 0;
      }
      lines.append(length > 0 ? " " : "").append(word);
      length += (length > 0 ? 1 : 0) + word.length();
    }
    return lines.toString();
  }
}
