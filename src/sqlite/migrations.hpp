#pragma once

#include "sqlite/database.hpp"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace kiln::sqlite {

/// One step of the schema. Its number is its place in the list, from 1; never changed once
/// released.
struct Migration {
    std::string_view name;
    std::string_view sql;
};

/// All of them, oldest first. In SQL that PostgreSQL 15 runs too.
[[nodiscard]] std::span<const Migration> migrations();

/// Marks a file as kiln's: "kiln" in ASCII. In the database's header.
constexpr std::int64_t kApplicationId = 0x6b696c6e;

/// What a database's header says, and what is to be done about it.
struct Header {
    std::int64_t application_id = 0;
    std::int64_t version = 0;  ///< migrations it has had
    bool empty = true;         ///< no table at all
};

enum class Upgrade { none, needed };

/// Pure. @throws Error  invalid: another program's database, or one of a newer kiln
[[nodiscard]] Upgrade judge(const Header& header, std::int64_t newest);

/// Makes the file when it is not there and brings it up to date. An up-to-date one is read only.
/// Any number of processes may do this at once: the first does the work under a lock file
/// (`FILE.lock`), the others wait for it. Killed half-way, the next one starts from what was
/// committed.
/// @returns  an open connection
Database open_migrated(const std::filesystem::path& file, std::span<const Migration> steps);

}  // namespace kiln::sqlite
