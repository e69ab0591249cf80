#pragma once

#include "jsonata/node.hpp"

namespace kiln::jsonata {

/// Finds which step of the path before a `%` is its parent, so that this step keeps its context.
class Ancestry {
  public:
    explicit Ancestry(Program& program) : program_{program} {}

    /// A new `%`.
    void add(Node& parent);

    /// What `part` could not find, `whole` has to.
    static void push(Node& whole, Node& part);

    /// Searches the path for the parents of the `%`s in its last step.
    static void resolve(Node& path);

    /// The same for the `%`s in a filter of `step`.
    static void resolve_filter(Node& step, Node& filter);

  private:
    static void seek(Node& node, Slot& slot);

    Program& program_;
};

/// Turns the parser's tree into the evaluator's.
class Shaper {
  public:
    explicit Shaper(Program& program) : program_{program}, ancestry_{program} {}

    /// @throws Failure  S0206, S0207, S0209, S0210, S0213, S0215 to S0217
    Node* shape(Node* node);

  private:
    Node* shape_type(Node* node);
    Node* compound(Node* node);
    Node* binary(Node* node);
    Node* map(Node* node);
    Node* filter(Node* node);
    Node* group(Node* node);
    Node* order(Node* node);
    Node* focus(Node* node);
    Node* position(Node* node);
    Node* block(Node* node);
    Node* call(Node* node);
    Node* word(Node* node);
    void shape_parts(Node& node);
    Node* path_of(Node* step);
    Node* tail_call(Node* node);

    Program& program_;
    Ancestry ancestry_;
    int depth_ = 0;
};

}  // namespace kiln::jsonata
