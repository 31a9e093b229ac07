//! The node: draws its seats, runs the project's code, attests the outcome.
