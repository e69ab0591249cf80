#pragma once

#include "sqlite/statement.hpp"

#include <optional>
#include <type_traits>
#include <vector>

namespace kiln::sqlite {

/// What `read` makes of each row.
template <class Read>
auto all_of(Statement row, Read read) {
    std::vector<std::invoke_result_t<Read&, const Statement&>> rows;
    while (row.next()) {
        rows.push_back(read(row));
    }
    return rows;
}

/// What `read` makes of the first row; nullopt: there is none.
template <class Read>
auto first_of(Statement row, Read read) {
    return row.next() ? std::optional{read(row)} : std::nullopt;
}

}  // namespace kiln::sqlite
