#pragma once

#include "asl/diagnostic.hpp"
#include "asl/expression.hpp"
#include "asl/parse.hpp"

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What all parts of the parser share.
namespace kiln::asl {

/// The location of a member: "WHERE/KEY". A long key is cut: locations of hostile texts stay short.
[[nodiscard]] std::string below(std::string_view where, std::string_view key);

/// Collects what is wrong. Faults of the graph (targets, reachability, terminal states) are told
/// behind those of the states, as AWS does. Beyond a megabyte of text it only counts: a hostile
/// definition could have gigabytes of faults.
class Report {
  public:
    /// SCHEMA_VALIDATION_FAILED. @param location  "" is the definition itself: "/"
    void schema(std::string message, std::string_view location);
    void error(std::string_view code, std::string message, std::string_view location);
    void warning(std::string_view code, std::string message, std::string_view location);
    /// @param location  "": none
    void graph(std::string_view code, std::string message, std::string location);

    [[nodiscard]] std::vector<Diagnostic> take() &&;

  private:
    void add(std::vector<Diagnostic>& to, Diagnostic diagnostic);

    std::vector<Diagnostic> states_;
    std::vector<Diagnostic> graph_;
    std::size_t bytes_ = 0;
    bool failed_ = false;  ///< there is an error among them
};

/// One reading of one definition.
struct Session {
    Report report;
    QueryLanguage machine_language = QueryLanguage::jsonpath;
    bool single_state = false;          ///< transitions lead out of the text
    std::set<std::string> state_names;  ///< of the whole machine
    std::set<std::string> labels;
};

/// What holds for the states of one group.
struct GroupContext {
    bool express = false;   ///< they run as an Express workflow
    std::size_t depth = 0;  ///< of groups within groups
    /// Names that enclosing groups assign, and that may not be assigned here.
    std::set<std::string> outer_variables;
    std::set<std::string> own_variables;  ///< that this group assigns
};

}  // namespace kiln::asl
