#pragma once

#include "sqlite/database.hpp"

#include <optional>

namespace kiln::sqlite {

/// A statement that is prepared when it is needed, and then kept for the next row.
class Kept {
  public:
    Kept(Database& database, std::string_view sql) : database_{database}, sql_{sql} {}

    template <class... Values>
    void run(const Values&... values) {
        if (!statement_) {
            statement_.emplace(database_.query(sql_));
        }
        statement_->run(values...);
    }

  private:
    Database& database_;
    std::string_view sql_;
    std::optional<Statement> statement_;
};

}  // namespace kiln::sqlite
