/**
 * Chat templates: the Jinja text of a model's files and a conversation to the text that the model
 * reads, as transformers renders it.
 *
 * <p>No Jinja engine of the JVM computes with Python's values, which published templates rely on,
 * so this is an interpreter of that part of the language that they can use: {@code Lexer} to {@code
 * Parser} to {@code Statement} and {@code Expression} to {@code Interpreter} and {@code Evaluator}.
 * A template reaches nothing but what it is given, and {@code Budget} bounds what it does.
 *
 * <p>Python's values are {@code None}, {@code Undefined}, Boolean, Long (or BigInteger, as JSON may
 * hold it), Double, String, List, {@code Tuple}, Map, {@code Namespace} and {@code Callable}.
 */
package dev.penstock.datasets.template;
