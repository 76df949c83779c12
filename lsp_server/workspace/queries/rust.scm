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

(call_expression function: (generic_function function: (_) @callee)) @call
(call_expression function: [(identifier) (field_expression) (scoped_identifier)] @callee) @call
(macro_invocation macro: (_) @callee) @call
(macro_invocation macro: (identifier) @raised (#any-of? @raised "panic" "todo" "unimplemented" "unreachable")) @raise
