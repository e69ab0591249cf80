#pragma once

#include "asl/definition.hpp"
#include "asl/fields.hpp"

/// What a distributed Map reads, packs and writes.
namespace kiln::asl {

std::optional<ItemReader> read_item_reader(const Fields& map, QueryLanguage language);
std::optional<ItemBatcher> read_item_batcher(const Fields& map, QueryLanguage language);
std::optional<ResultWriter> read_result_writer(const Fields& map, QueryLanguage language);

}  // namespace kiln::asl
