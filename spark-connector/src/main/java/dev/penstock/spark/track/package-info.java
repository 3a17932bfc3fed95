/** Where the metrics of a fit go: metrics.jsonl, TensorBoard, MLflow. */
package dev.penstock.spark.track;
