#pragma once

#include "base/guarded.hpp"
#include "sqlite/database.hpp"

#include <filesystem>
#include <vector>

namespace kiln::sqlite {

/// Connections for reading: as many as are needed at once, a few kept for the next time.
class Readers {
  public:
    explicit Readers(std::filesystem::path file) : file_{std::move(file)} {}

    /// Gives `connection` to whoever reads next.
    void keep(Database connection);

    /// A connection on loan.
    class Loan {
      public:
        explicit Loan(Readers& readers) : readers_{readers}, database_{readers.take()} {}

        Loan(Loan&&) = delete;

        ~Loan() { readers_.keep(std::move(database_)); }

        Database& operator*() { return database_; }

      private:
        Readers& readers_;
        Database database_;
    };

  private:
    [[nodiscard]] Database take();

    std::filesystem::path file_;
    Guarded<std::vector<Database>> idle_;
};

}  // namespace kiln::sqlite
