; Captures: @class @function @constant are definitions with @name, @type_params, @params, @returns;
; @owner is a definition that has a @base or @decorator; @call has a @callee, @raise a @raised.

(class_definition
  name: (identifier) @name
  type_parameters: (_)? @type_params
  superclasses: (argument_list)? @params) @class

(function_definition
  name: (identifier) @name
  type_parameters: (_)? @type_params
  parameters: (parameters) @params
  return_type: (_)? @returns) @function

(expression_statement (assignment left: (identifier) @name) @constant)

(type_alias_statement left: (type (identifier) @name)) @constant
(type_alias_statement left: (type (generic_type . (identifier) @name))) @constant

(class_definition
  superclasses: (argument_list [(identifier) (attribute) (subscript) (call)] @base)) @owner

(decorated_definition (decorator (_) @decorator) definition: (_) @owner)

(call function: (_) @callee) @call

(raise_statement . (_) @raised) @raise
