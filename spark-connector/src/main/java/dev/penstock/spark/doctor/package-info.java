/** Looks every executor over before anything is trained on it. */
package dev.penstock.spark.doctor;
