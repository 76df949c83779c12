; What a pattern tells is said by its first capture of these:
;   @class @function @constant: a definition with @name, @type_params, @params, @returns, @heritage, @body;
;   @field: a variable of an object, with its @name and @type; @alias: another name of a type;
;   @scope: a region that lends its @name to the functions in it, and may have a @base;
;   @owner: a definition that has a @base, or a @decorator written as @mark;
;   @callee, with its @object where that is apart: a call; @raised in a @raise: a raise;
;   @taken: an import of a @module, with its @local name, and the @name, @default or @all that is taken from it;
;   @text: a string that stands alone; @comment; @attribute: a decorator that stands before its owner, with its name;
;   @inner: a node that may be a definition, whose statement begins at @around.
; Patterns have no predicates: those would copy each node's text.

(class_definition
  name: (identifier) @name
  type_parameters: (_)? @type_params
  superclasses: (argument_list)? @params
  body: (_) @body) @class

(function_definition
  name: (identifier) @name
  type_parameters: (_)? @type_params
  parameters: (parameters) @params
  return_type: (_)? @returns
  body: (_) @body) @function

(expression_statement (assignment left: (identifier) @name) @constant)

(type_alias_statement left: (type (identifier) @name)) @constant
(type_alias_statement left: (type (generic_type . (identifier) @name))) @constant

(class_definition
  superclasses: (argument_list [(identifier) (attribute) (subscript) (call)] @base)) @owner

(decorated_definition (decorator . (_) @decorator) @mark definition: (_) @owner)

(call function: (_) @callee)

(raise_statement . (_) @raised) @raise

(expression_statement . (string) @text .)

(import_statement name: (dotted_name) @module) @taken
(import_statement name: (aliased_import name: (_) @module alias: (_) @local)) @taken
(import_from_statement module_name: (_) @module name: (dotted_name) @name) @taken
(import_from_statement module_name: (_) @module name: (aliased_import name: (_) @name alias: (_) @local)) @taken
(import_from_statement module_name: (_) @module (wildcard_import) @all) @taken
(future_import_statement "__future__" @module name: (dotted_name) @name) @taken
(future_import_statement "__future__" @module
  name: (aliased_import name: (_) @name alias: (_) @local)) @taken
