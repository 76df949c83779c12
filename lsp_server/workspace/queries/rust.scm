(struct_item name: (_) @name type_parameters: (_)? @type_params) @class
(enum_item name: (_) @name type_parameters: (_)? @type_params) @class
(union_item name: (_) @name) @class
(trait_item name: (_) @name type_parameters: (_)? @type_params bounds: (_)? @heritage) @class
(trait_item bounds: (trait_bounds (_) @base)) @owner

; an impl is no definition of its own: its functions are named after the type, and it may add a base
(impl_item trait: (_)? @base type: (_) @name) @scope

(function_item name: (_) @name
  type_parameters: (_)? @type_params parameters: (_) @params return_type: (_)? @returns) @function
(function_signature_item name: (_) @name parameters: (_) @params return_type: (_)? @returns) @function

(const_item name: (_) @name) @constant
(static_item name: (_) @name) @constant
(type_item name: (_) @name) @constant
(enum_variant name: (_) @name) @constant
(field_declaration name: (_) @name type: (_) @type) @field
(macro_definition name: (_) @name) @function

(call_expression function: (generic_function function: (_) @callee))
(call_expression function: [(identifier) (field_expression) (scoped_identifier)] @callee)
(macro_invocation macro: (_) @callee)

(attribute_item (attribute . (_) @decorator)) @attribute
[(line_comment) (block_comment)] @comment

(use_declaration argument: (_) @tree) @taken
(extern_crate_declaration name: (_) @module alias: (_)? @local) @taken
